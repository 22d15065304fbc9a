# firmware/core/certstore.c: records are added behind what only looks erased
s/    if (!drops && store->fresh && behind/    if (!drops \&\& behind/
