/// What a system call said.
struct KernelError: Error, Hashable {
    var errno: Int32
}
