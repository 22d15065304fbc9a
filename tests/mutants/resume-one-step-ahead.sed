# firmware/core/state.c: progress after a reset counts one step that is not finished
s/^            done = i + 1;$/            done = i + 2;/
