# firmware/wire/http_request.c: a path may hold line ends
s/\*s <= 0x20 || //
