# firmware/app/download.c: a captive portal costs a half download
s/^        return ANSWER;/        return VERDICT;/
