#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

union any_address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    struct sockaddr_storage storage;
};

static socklen_t fill_address(union any_address *value, const struct clinux_address *address) {
    memset(value, 0, sizeof(*value));
    if (address->is_ipv6) {
        value->ipv6.sin6_family = AF_INET6;
        value->ipv6.sin6_port = htons(address->port);
        for (int index = 0; index < 8; index++) {
            value->ipv6.sin6_addr.s6_addr[2 * index] = (uint8_t)(address->groups[index] >> 8);
            value->ipv6.sin6_addr.s6_addr[2 * index + 1] = (uint8_t)address->groups[index];
        }
        return sizeof(value->ipv6);
    }
    value->ipv4.sin_family = AF_INET;
    value->ipv4.sin_port = htons(address->port);
    value->ipv4.sin_addr.s_addr = htonl(address->bits);
    return sizeof(value->ipv4);
}

int clinux_bind(int descriptor, const struct clinux_address *address) {
    union any_address value;
    socklen_t length = fill_address(&value, address);
    return bind(descriptor, &value.any, length);
}

int clinux_connect(int descriptor, const struct clinux_address *address) {
    union any_address value;
    socklen_t length = fill_address(&value, address);
    return connect(descriptor, &value.any, length);
}

int clinux_disconnect(int descriptor) {
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    return connect(descriptor, &nobody, sizeof(nobody));
}

int clinux_local_address(int descriptor, struct clinux_address *address) {
    union any_address value;
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

int clinux_local_path(int descriptor, uint8_t *path, size_t capacity) {
    struct sockaddr_un value;
    socklen_t length = sizeof(value);
    memset(&value, 0, sizeof(value));
    if (getsockname(descriptor, (struct sockaddr *)&value, &length) != 0) {
        return -1;
    }
    // A path that fills its field has no NUL.
    size_t count = strnlen(value.sun_path, sizeof(value.sun_path));
    if (count >= capacity) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path, value.sun_path, count);
    path[count] = 0;
    return 0;
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

/// Adds the control message that chooses the source address of a datagram.
static void choose_source(struct msghdr *message, void *control, const struct sockaddr *from, int interface) {
    message->msg_control = control;
    message->msg_controllen = CMSG_SPACE(sizeof(struct in6_pktinfo));
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (from->sa_family == AF_INET6) {
        struct in6_pktinfo info = {.ipi6_addr = ((const struct sockaddr_in6 *)from)->sin6_addr};
        // Only an address of one link needs its interface; others may leave by another one than they came in.
        info.ipi6_ifindex = IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr) ? (unsigned)interface : 0;
        header->cmsg_level = IPPROTO_IPV6;
        header->cmsg_type = IPV6_PKTINFO;
        header->cmsg_len = CMSG_LEN(sizeof(info));
        memcpy(CMSG_DATA(header), &info, sizeof(info));
        return;
    }
    struct in_pktinfo info = {.ipi_spec_dst = ((const struct sockaddr_in *)from)->sin_addr};
    header->cmsg_level = IPPROTO_IP;
    header->cmsg_type = IP_PKTINFO;
    header->cmsg_len = CMSG_LEN(sizeof(info));
    memcpy(CMSG_DATA(header), &info, sizeof(info));
    message->msg_controllen = CMSG_SPACE(sizeof(info));
}

int clinux_send_datagram(
    int descriptor, const void *bytes, size_t count, const void *to, uint32_t length, const void *from, int interface) {
    struct iovec vector = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {
        .msg_name = (void *)to, .msg_namelen = to == NULL ? 0 : length, .msg_iov = &vector, .msg_iovlen = 1};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    } control = {0};
    if (from != NULL) {
        choose_source(&message, &control, from, interface);
    }
    return sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int clinux_notify(int socket, const void *bytes, size_t count, const void *to, uint32_t length, int descriptor) {
    struct iovec vector = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_name = (void *)to, .msg_namelen = length, .msg_iov = &vector, .msg_iovlen = 1};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    if (descriptor >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int clinux_is_readable(int descriptor) {
    struct pollfd entry = {.fd = descriptor, .events = POLLIN};
    return poll(&entry, 1, 0) > 0;
}

int clinux_reset_on_close(int descriptor) {
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    return setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

int clinux_unsent_bytes(int descriptor) {
    int count = 0;
    return ioctl(descriptor, SIOCOUTQ, &count) == 0 ? count : -1;
}

int clinux_peer_credentials(int descriptor, struct clinux_peer *peer) {
    struct ucred credentials;
    socklen_t length = sizeof(credentials);
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    peer->pid = credentials.pid;
    peer->uid = credentials.uid;
    peer->gid = credentials.gid;
    return 0;
}

int clinux_peer_groups(int descriptor, uint32_t *groups, int capacity) {
    // Not in the headers of every C library that Swift builds with.
    static const int peer_groups = 59;
    socklen_t length = (socklen_t)capacity * (socklen_t)sizeof(*groups);
    if (getsockopt(descriptor, SOL_SOCKET, peer_groups, groups, &length) != 0) return -1;
    return (int)(length / sizeof(*groups));
}
