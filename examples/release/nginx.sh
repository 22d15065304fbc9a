# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A private nginx on a free port of 127.0.0.1: one process, no root, nothing outside its folder.
# Sourced by demo.sh and by the end-to-end tests.
#
#   nginx_start FOLDER [LOCATIONS]   serves FOLDER/www; LOCATIONS is more nginx configuration for
#                                    the server. Sets nginx_port and nginx_pid; requests are logged
#                                    in FOLDER/access.log
#   nginx_stop                       harmless when nothing runs

nginx_pid=
nginx_port=

nginx_free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

nginx_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$nginx_port") 2>/dev/null; }

nginx_start() {
    local folder=$1 locations=${2:-} try i
    mkdir -p "$folder/www" "$folder/tmp"
    # Another process may take the free port before nginx does: then look for another one.
    for try in 1 2 3 4 5; do
        nginx_port=$(nginx_free_port) || return 1
        cat >"$folder/nginx.conf" <<END
daemon off;
master_process off;
pid $folder/nginx.pid;
error_log $folder/error.log;
events { worker_connections 64; }
http {
    access_log $folder/access.log;
    client_body_temp_path $folder/tmp/body;
    proxy_temp_path $folder/tmp/proxy;
    fastcgi_temp_path $folder/tmp/fastcgi;
    uwsgi_temp_path $folder/tmp/uwsgi;
    scgi_temp_path $folder/tmp/scgi;
    default_type application/octet-stream;
    server {
        listen 127.0.0.1:$nginx_port;
        root $folder/www;
        $locations
    }
}
END
        PATH=$PATH:/usr/sbin nginx -e "$folder/error.log" -p "$folder" -c "$folder/nginx.conf" \
            >"$folder/nginx.out" 2>&1 &
        nginx_pid=$!
        for ((i = 0; i < 200; i++)); do
            kill -0 "$nginx_pid" 2>/dev/null || break
            nginx_answers && return 0
            sleep 0.05
        done
        nginx_stop
    done
    echo "nginx does not start: $(tail -n 1 "$folder/nginx.out" "$folder/error.log" 2>&1)" >&2
    return 1
}

nginx_stop() {
    if [ -n "$nginx_pid" ]; then
        kill "$nginx_pid" 2>/dev/null
        wait "$nginx_pid" 2>/dev/null
        nginx_pid=
    fi
    return 0
}
