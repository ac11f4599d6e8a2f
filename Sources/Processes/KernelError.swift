/// What a system call said.
package struct KernelError: Error, Hashable {
    var errno: Int32
}
