// Doors to Linux interfaces that the Glibc module does not show to Swift.
#ifndef CLINUX_H
#define CLINUX_H

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>

/// Opens a descriptor that reads as a stream of `signalfd_siginfo` records, one for each pending signal of `mask`.
/// Returns the descriptor, or -1 with errno; see signalfd(2).
static inline int clinux_signalfd(const sigset_t *mask) {
    return signalfd(-1, mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// The size of one record of `clinux_signalfd`, in bytes.
static const int clinux_signalfd_record_size = (int)sizeof(struct signalfd_siginfo);

#endif
