/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PE files: where Authenticode signatures lie, and which bytes they are over. */
#ifndef EMBARGO_IDENTITY_PE_H
#define EMBARGO_IDENTITY_PE_H

/*
 * Microsoft, "PE Format", and "Windows Authenticode Portable Executable Signature Format":
 *
 *	0        "MZ"
 *	0x3c     offset of:
 *	           "PE\0\0"
 *	           COFF header, 20 bytes; at 16 the size of:
 *	           optional header
 *	             0      0x10b (PE32) or 0x20b (PE32+)
 *	             64     checksum, 4 bytes                    not signed
 *	             92/108 count of data directories
 *	             96/112 data directories; the fifth, 8 bytes: not signed
 *	                      offset (in the file) and size of:
 *	...
 *	           certificate table                             not signed
 *	             WIN_CERTIFICATE, each at a multiple of 8:
 *	               0  length, these 8 bytes included
 *	               4  revision
 *	               6  type: 2 is PKCS #7
 *	               8  SignedData
 *
 * All other bytes are signed, also those behind the certificate table.
 */

/* Signatures of a file, nested ones included: real ones have two or three. */
#define EMBARGO_PE_SIGNATURES_MAX 16

/* A signature in a signature in a signature...: signtool makes one level. */
#define EMBARGO_PE_NESTED_MAX 4

/*
 * Bytes of all of them: two of the largest that there are (see loader/crypto/cms.h). A hostile one
 * takes OpenSSL a third of a second for each MiB.
 */
#define EMBARGO_PE_SIGNATURES_SIZE_MAX (8u << 20)

#endif
