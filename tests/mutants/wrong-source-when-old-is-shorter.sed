# firmware/core/install.c: the sectors that only the new image has are counted wrongly
s/return (struct step){.sector = s - both, .save = false};/return (struct step){.sector = s \/ 2, .save = false};/
