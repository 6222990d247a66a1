/* See include/srtp.h. */
#define SRTP3_ON_SRTP2_ADAPTER
#include <srtp.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct srtp3_policy {
	srtp2_policy_t policy;
	unsigned char key[SRTP_MAX_KEY_LEN]; /* master key and salt in one piece, as libsrtp 2 wants them */
};

srtp_err_status_t srtp_policy_create(srtp_policy_t *policy)
{
	*policy = calloc(1, sizeof(**policy));

	return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

void srtp_policy_destroy(srtp_policy_t policy)
{
	/* The compiler may drop a memset() before free(); through a volatile pointer it may not. The key must not stay. */
	volatile unsigned char *key = policy->key;

	for (size_t i = 0; i < sizeof(policy->key); ++i)
	{
		key[i] = 0;
	}

	free(policy);
}

srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->policy.ssrc = ssrc;

	return srtp_err_status_ok;
}

srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	srtp_err_status_t status = srtp_crypto_policy_set_from_profile_for_rtp(&policy->policy.rtp, profile);

	return status ? status : srtp_crypto_policy_set_from_profile_for_rtcp(&policy->policy.rtcp, profile);
}

srtp_err_status_t srtp_policy_add_key(srtp_policy_t policy,
                                      const uint8_t *key, size_t key_len,
                                      const uint8_t *salt, size_t salt_len,
                                      const uint8_t *mki, size_t mki_len)
{
	/* One key and no key identifier: all that the worker asks for. */
	if (policy->policy.key || mki || mki_len || key_len > sizeof(policy->key) || salt_len > sizeof(policy->key) - key_len)
	{
		return srtp_err_status_bad_param;
	}

	memcpy(policy->key, key, key_len);
	memcpy(policy->key + key_len, salt, salt_len);
	policy->policy.key = policy->key;

	return srtp_err_status_ok;
}

/*
 * Lets an index be used again as long as it lies within the window. What lies further back is refused by srtp_protect()
 * with srtp_err_status_replay_old, and the worker logs "index too old". That is right, and stays as it is:
 *
 * It is seen with probation packets. All probation generators of a worker write into one packet, and each new one gives
 * it a random sequence number, so when a transport is created the numbers of all other transports' probation streams
 * jump, every second time backwards. Nothing that an adapter could do is sound: to encrypt them under a used index would
 * give keystream away (with GCM the authentication key too), and a new roll-over counter is not what the receiver would
 * guess for a number that is less than half the range behind (RFC 3711, section 3.3.1). No media is lost: those packets
 * are padding, and the transport's bandwidth probe is what fails. libsrtp 3 refuses them in the same way.
 */
srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->policy.allow_repeat_tx = allow;

	return srtp_err_status_ok;
}

srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t packets)
{
	policy->policy.window_size = packets;

	return srtp_err_status_ok;
}

srtp_err_status_t srtp3_create(srtp_t *session, srtp_policy_t policy)
{
	return srtp_create(session, &policy->policy);
}

typedef srtp_err_status_t (*in_place)(srtp_t session, void *packet, int *len);

/* Moves the packet into the caller's output buffer and works there in place. `growth` is what may be added to it. */
static srtp_err_status_t across(in_place work, srtp_t session, const uint8_t *in, size_t in_len,
                                uint8_t *out, size_t *out_len, size_t growth)
{
	if (in_len > INT_MAX - growth)
	{
		return srtp_err_status_bad_param;
	}

	if (*out_len < in_len + growth)
	{
		return srtp_err_status_buffer_small;
	}

	/* memmove(): the worker decrypts with the same buffer on both sides. */
	if (out != in)
	{
		memmove(out, in, in_len);
	}

	int len = (int)in_len;
	srtp_err_status_t status = work(session, out, &len);

	if (status == srtp_err_status_ok)
	{
		*out_len = (size_t)len;
	}

	return status;
}

srtp_err_status_t srtp3_protect(srtp_t session, const uint8_t *rtp, size_t rtp_len,
                                uint8_t *srtp, size_t *srtp_len, size_t mki_index)
{
	return mki_index ? srtp_err_status_bad_mki
	                 : across(srtp_protect, session, rtp, rtp_len, srtp, srtp_len, SRTP_MAX_TRAILER_LEN);
}

srtp_err_status_t srtp3_unprotect(srtp_t session, const uint8_t *srtp, size_t srtp_len,
                                  uint8_t *rtp, size_t *rtp_len)
{
	return across(srtp_unprotect, session, srtp, srtp_len, rtp, rtp_len, 0);
}

srtp_err_status_t srtp3_protect_rtcp(srtp_t session, const uint8_t *rtcp, size_t rtcp_len,
                                     uint8_t *srtcp, size_t *srtcp_len, size_t mki_index)
{
	/* SRTCP adds four more bytes than SRTP: the flag and the index (RFC 3711, section 3.4). */
	return mki_index ? srtp_err_status_bad_mki
	                 : across(srtp_protect_rtcp, session, rtcp, rtcp_len, srtcp, srtcp_len, SRTP_MAX_TRAILER_LEN + 4);
}

srtp_err_status_t srtp3_unprotect_rtcp(srtp_t session, const uint8_t *srtcp, size_t srtcp_len,
                                       uint8_t *rtcp, size_t *rtcp_len)
{
	return across(srtp_unprotect_rtcp, session, srtcp, srtcp_len, rtcp, rtcp_len, 0);
}

srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return srtp_remove_stream(session, ssrc);
}
