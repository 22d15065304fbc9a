# firmware/wire/suit_front.c: the front asks for a byte of the payload
s/^                \*ret_need = at;/                *ret_need = at + 1;/
