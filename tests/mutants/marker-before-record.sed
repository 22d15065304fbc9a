# firmware/core/state.c: the marker is written before the record
s/^    st = write_record(core, target);$/    st = cell_write(core, marker_off(core, target, 0), marker_index(0));/
s/^        st = cell_write(core, marker_off(core, target, 0), marker_index(0));$/        st = write_record(core, target);/
