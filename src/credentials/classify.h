/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FK_CREDENTIALS_CLASSIFY_H
#define FK_CREDENTIALS_CLASSIFY_H

#include "fotakit/object.h"

/* Tells credential objects apart by the tags of their outermost elements (the grammars are quoted
 * in classify.c). A verdict is a guess good enough to choose the decoder, never more. */

/* One DER object; FK_OBJECT_UNKNOWN when it resembles none. Never an *_ENCRYPTED of PEM. */
enum fk_object_kind fk_classify(struct fk_slice der);

/* PEM text or DER? Anything else is refused with an explanation of what the file is. */
enum fk_status fk_classify_file(struct fk_slice bytes, bool *ret_is_pem,
                                struct fk_error *err) FK_MUST_USE;

#endif
