# firmware/app/sockets.c: more is received than the buffer has room for
s/size_t room = sizeof socket->in - socket->in_len;/size_t room = sizeof socket->in;/
