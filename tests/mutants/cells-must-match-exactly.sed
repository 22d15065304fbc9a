# firmware/core/cell.c: one damaged byte makes a cell invalid
s/^#define CELL_MATCHES 5u.*/#define CELL_MATCHES 8u/
