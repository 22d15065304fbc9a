# SPDX-License-Identifier: Apache-2.0
"""A link that breaks: forwards TCP connections on 127.0.0.1 and closes each one, both ways, after so many
bytes from the server. Usage: cutter.py SERVER-PORT BYTES...; the last number holds for all connections
that come later, 0 means never. Prints its port; ends with its standard input."""
import select
import socket
import sys
import threading


def forward(client, server_port, limit):
    with client, socket.create_connection(("127.0.0.1", server_port)) as server:
        passed = 0
        while True:
            for s in select.select([client, server], [], [])[0]:
                data = s.recv(4096)
                if not data:
                    return
                if s is server and limit and passed + len(data) >= limit:
                    client.sendall(data[: limit - passed])
                    return
                passed += len(data) if s is server else 0
                (client if s is server else server).sendall(data)


def quietly(*args):
    try:
        forward(*args)
    except OSError:
        pass


def accept(listener, server_port, limits):
    while True:
        client, _ = listener.accept()
        limit = limits.pop(0) if len(limits) > 1 else limits[0]
        threading.Thread(target=quietly, args=(client, server_port, limit), daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
threading.Thread(
    target=accept, args=(listener, int(sys.argv[1]), [int(n) for n in sys.argv[2:]]), daemon=True
).start()
sys.stdin.read()
