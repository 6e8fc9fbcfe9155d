/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A proof in words and as JSON. */
#ifndef EMBARGO_CLI_PROVE_REPORT_H
#define EMBARGO_CLI_PROVE_REPORT_H

#include <stdio.h>

#include "loader/prove/prove.h"

void embargo_prove_report_text(const struct embargo_proof *proof, FILE *out);

/* Errors: -ENOMEM, -EIO. */
int embargo_prove_report_json(const struct embargo_proof *proof, FILE *out);

/* 0: all closed but what is known to be open; 1: something is open; 2: it could not be tried. */
int embargo_prove_report_exit(const struct embargo_proof *proof);

#endif
