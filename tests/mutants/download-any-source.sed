# firmware/app/download.c: the path is no part of where a file comes from
/const uint8_t \*)file->path, strlen/d
