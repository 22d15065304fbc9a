# firmware/wire/http_fields.c: the validator of a range is not compared
s/    if (!same_file(r)) {/    if (same_file(r) \&\& !same_file(r)) {/
