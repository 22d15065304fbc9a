/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_APP_CONSOLE_HANDLERS_H
#define FK_APP_CONSOLE_HANDLERS_H

#include "app/console_args.h"

/* The commands that have files of their own, for the table in console_commands.c. Each answers, or
 * asks for data (app/console_data.h) and answers later. */

/* console_time.c; the port has a wall clock. */
void fk_on_time(struct fk_console *c, const struct fk_args *args);
/* The same file; the port asks, and has a configuration. */
void fk_on_ntp(struct fk_console *c, const struct fk_args *args);

/* console_sockets.c; the port has sockets. */
void fk_on_sockc(struct fk_console *c, const struct fk_args *args);
void fk_on_sockdc(struct fk_console *c, const struct fk_args *args);
void fk_on_sockdl(struct fk_console *c, const struct fk_args *args);
void fk_on_sockdon(struct fk_console *c, const struct fk_args *args);
void fk_on_sockdq(struct fk_console *c, const struct fk_args *args);
void fk_on_sockdr(struct fk_console *c, const struct fk_args *args);
void fk_on_sockdw(struct fk_console *c, const struct fk_args *args);
void fk_on_sockl(struct fk_console *c, const struct fk_args *args);
void fk_on_sockon(struct fk_console *c, const struct fk_args *args);
void fk_on_sockq(struct fk_console *c, const struct fk_args *args);
void fk_on_sockr(struct fk_console *c, const struct fk_args *args);
void fk_on_sockw(struct fk_console *c, const struct fk_args *args);
/* Receives, accepts, and prints what happened. */
void fk_console_sockets_poll(struct fk_console *c);

/* console_certs.c and console_files.c; the port has a store. */
void fk_on_tlscert(struct fk_console *c, const struct fk_args *args);
void fk_on_wpaecert(struct fk_console *c, const struct fk_args *args);
void fk_on_fsc(struct fk_console *c, const struct fk_args *args);
void fk_on_fsd(struct fk_console *c, const struct fk_args *args);
void fk_on_fsl(struct fk_console *c, const struct fk_args *args);
void fk_on_fsp(struct fk_console *c, const struct fk_args *args);
/* The same; with files in memory. */
void fk_on_fsr(struct fk_console *c, const struct fk_args *args);

/* console_config.c; the last three need a configuration. */
void fk_on_gcfg(struct fk_console *c, const struct fk_args *args);
void fk_on_scfg(struct fk_console *c, const struct fk_args *args);
void fk_on_wcfg(struct fk_console *c, const struct fk_args *args);
void fk_on_fcfg(struct fk_console *c, const struct fk_args *args);
void fk_on_ssidtxt(struct fk_console *c, const struct fk_args *args);
void fk_on_wifi(struct fk_console *c, const struct fk_args *args);

/* console_http.c; the port fetches. */
void fk_on_httpget(struct fk_console *c, const struct fk_args *args);
void fk_on_httppost(struct fk_console *c, const struct fk_args *args);

#endif
