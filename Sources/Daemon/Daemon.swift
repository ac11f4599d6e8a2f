/// The composition root.
package enum Daemon {}
