#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

int clinux_bind(int descriptor, const struct clinux_address *address) {
    if (address->is_ipv6) {
        struct sockaddr_in6 value = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};
        for (int index = 0; index < 8; index++) {
            value.sin6_addr.s6_addr[2 * index] = (uint8_t)(address->groups[index] >> 8);
            value.sin6_addr.s6_addr[2 * index + 1] = (uint8_t)address->groups[index];
        }
        return bind(descriptor, (struct sockaddr *)&value, sizeof(value));
    }
    struct sockaddr_in value = {.sin_family = AF_INET, .sin_port = htons(address->port)};
    value.sin_addr.s_addr = htonl(address->bits);
    return bind(descriptor, (struct sockaddr *)&value, sizeof(value));
}

int clinux_local_address(int descriptor, struct clinux_address *address) {
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
        struct sockaddr_storage storage;
    } value;
    socklen_t length = sizeof(value);
    memset(address, 0, sizeof(*address));
    if (getsockname(descriptor, &value.any, &length) != 0) {
        return -1;
    }
    switch (value.any.sa_family) {
    case AF_INET:
        address->bits = ntohl(value.ipv4.sin_addr.s_addr);
        address->port = ntohs(value.ipv4.sin_port);
        return 0;
    case AF_INET6:
        address->is_ipv6 = 1;
        address->port = ntohs(value.ipv6.sin6_port);
        for (int index = 0; index < 8; index++) {
            const uint8_t *bytes = value.ipv6.sin6_addr.s6_addr;
            address->groups[index] = (uint16_t)(bytes[2 * index] << 8 | bytes[2 * index + 1]);
        }
        return 0;
    default:
        errno = EAFNOSUPPORT;
        return -1;
    }
}

static int fill_unix_address(struct sockaddr_un *value, const char *path) {
    memset(value, 0, sizeof(*value));
    value->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof(value->sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(value->sun_path, path, strlen(path));
    return 0;
}

int clinux_bind_unix(int descriptor, const char *path) {
    struct sockaddr_un value;
    if (fill_unix_address(&value, path) != 0) {
        return -1;
    }
    return bind(descriptor, (struct sockaddr *)&value, sizeof(value));
}

int clinux_connect_unix(int descriptor, const char *path) {
    struct sockaddr_un value;
    if (fill_unix_address(&value, path) != 0) {
        return -1;
    }
    return connect(descriptor, (struct sockaddr *)&value, sizeof(value));
}

int clinux_accept(int descriptor) {
    return accept4(descriptor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int clinux_ignore_new_connections(int descriptor) {
    // A filter of a TCP socket sees the packet from its TCP header on; byte 13 holds the flags.
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
    };
    struct sock_fprog program = {sizeof(instructions) / sizeof(instructions[0]), instructions};
    return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

int clinux_heed_new_connections(int descriptor) {
    int unused = 0;
    return setsockopt(descriptor, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused));
}

int clinux_reset_on_close(int descriptor) {
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    return setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

int clinux_unsent_bytes(int descriptor) {
    int count = 0;
    return ioctl(descriptor, SIOCOUTQ, &count) == 0 ? count : -1;
}
