# firmware/core/install.c: the rollback counter moves although the image is on trial
s/if (!trial && image->sequence > s->counter)/if (image->sequence > s->counter)/
