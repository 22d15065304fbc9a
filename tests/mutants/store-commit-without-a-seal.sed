# firmware/core/certstore_scan.c: a commit is relied on although it may be weak
s/    store->sealed = seal;/    store->sealed = true;/
