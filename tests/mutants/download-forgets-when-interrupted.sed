# firmware/app/download.c: an interruption is a verdict
s/ ? VERDICT : INTERRUPTED;/ ? VERDICT : VERDICT;/
