# firmware/app/download.c: half a file that changed is not forgotten
s/^    case FK_E_URL:.*/    case FK_E_HTTP_CHANGED:\n        return ANSWER;\n&/
