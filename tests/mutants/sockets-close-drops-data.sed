# firmware/app/sockets.c: a socket with unread data is closed
s/^    if (socket->in_len > 0) {/    if (socket->in_len > 60000) {/
