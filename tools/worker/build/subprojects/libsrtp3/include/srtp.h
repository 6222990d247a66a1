/*
 * The part of libsrtp 3's interface that the worker uses, on libsrtp 2.
 *
 * What changed between the two: a policy became an object with setters, packets are protected from one buffer into
 * another (libsrtp 2 works in place), lengths became size_t. The types and functions that kept their meaning come
 * from libsrtp 2's header as they are.
 */
#ifndef MEDIACLUSTER_SRTP3_ON_SRTP2_H
#define MEDIACLUSTER_SRTP3_ON_SRTP2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Both call their policy srtp_policy_t: there it is a struct that the caller fills, here a handle. */
#define srtp_policy_t srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Two error codes that libsrtp 2 does not have. They are constants beside its enumeration, whose largest value is 27:
 * C++ lets such an enumeration hold every number of as many bits, here up to 31.
 */
static const srtp_err_status_t srtp_err_status_buffer_small = (srtp_err_status_t)28;
static const srtp_err_status_t srtp_err_status_cryptex_err = (srtp_err_status_t)29;

typedef struct srtp3_policy *srtp_policy_t;

srtp_err_status_t srtp_policy_create(srtp_policy_t *policy);
void srtp_policy_destroy(srtp_policy_t policy);
srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc);
srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile);
srtp_err_status_t srtp_policy_add_key(srtp_policy_t policy,
                                      const uint8_t *key, size_t key_len,
                                      const uint8_t *salt, size_t salt_len,
                                      const uint8_t *mki, size_t mki_len);
srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow);
srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t packets);

srtp_err_status_t srtp3_create(srtp_t *session, srtp_policy_t policy);
srtp_err_status_t srtp3_protect(srtp_t session, const uint8_t *rtp, size_t rtp_len,
                                uint8_t *srtp, size_t *srtp_len, size_t mki_index);
srtp_err_status_t srtp3_unprotect(srtp_t session, const uint8_t *srtp, size_t srtp_len,
                                  uint8_t *rtp, size_t *rtp_len);
srtp_err_status_t srtp3_protect_rtcp(srtp_t session, const uint8_t *rtcp, size_t rtcp_len,
                                     uint8_t *srtcp, size_t *srtcp_len, size_t mki_index);
srtp_err_status_t srtp3_unprotect_rtcp(srtp_t session, const uint8_t *srtcp, size_t srtcp_len,
                                       uint8_t *rtcp, size_t *rtcp_len);
/* `ssrc` in network byte order, as libsrtp 2 takes it and as the worker hands it over. */
srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc);

#ifdef __cplusplus
}
#endif

/*
 * Five names exist in both with different parameters. The adapter itself calls libsrtp 2's, so that it is compiled
 * without this renaming.
 */
#ifndef SRTP3_ON_SRTP2_ADAPTER
#define srtp_create srtp3_create
#define srtp_protect srtp3_protect
#define srtp_unprotect srtp3_unprotect
#define srtp_protect_rtcp srtp3_protect_rtcp
#define srtp_unprotect_rtcp srtp3_unprotect_rtcp
#endif

#endif
