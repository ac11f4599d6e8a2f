import ArgumentParser
import CWarden
import Glibc

// The same binary is the warden when it is called so; then nothing else of it may run.
if cwarden_is_named(CommandLine.unsafeArgv) != 0 { exit(cwarden_run(CommandLine.unsafeArgv)) }
SupervisorCommand.main()
