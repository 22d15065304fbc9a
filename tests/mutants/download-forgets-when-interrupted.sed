# firmware/app/download.c: an interruption is a verdict
s/^        return INTERRUPTED;/        return VERDICT;/
