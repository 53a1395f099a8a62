import CLinux
import Glibc

/// What an operator tells the process.
package enum HostSignal: Hashable, Sendable {
    /// The first SIGINT or SIGTERM: drain and end.
    case stop
    /// Another one: end at once.
    case forceStop
    /// SIGHUP: the terminal has gone. Not where the process was started to outlive it, as by `nohup`.
    case hangUp
    /// SIGUSR1: the kill switch.
    case kill
}

/// SIGINT, SIGTERM, SIGHUP and SIGUSR1 as calls on a thread of their own.
package enum Signals {
    /// Starts to listen. Call it once, first thing in `main`: threads that exist already would
    /// still take the signals, and end the process. The main thread must not end in an async
    /// `main`: libdispatch lets it take every signal again.
    ///
    /// - Parameter handler: On the listening thread; may block, but then hears nothing more.
    package static func listen(_ handler: @escaping @Sendable (HostSignal) -> Void) {
        ignoreBrokenPipes()
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGUSR1] { sigaddset(&set, signal) }
        // A blocked signal waits to be taken though it is ignored.
        if host_is_ignored(SIGHUP) == 0 { sigaddset(&set, SIGHUP) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let heard = set
        HostThread.start(named: "signals") {
            var set = heard
            var isStopping = false
            while true {
                var number: CInt = 0
                guard sigwait(&set, &number) == 0 else { continue }
                switch number {
                case SIGHUP: handler(.hangUp)
                case SIGUSR1: handler(.kill)
                default:
                    handler(isStopping ? .forceStop : .stop)
                    isStopping = true
                }
            }
        }
    }

    /// Writes to a pipe without a reader fail instead of ending the process. Process-wide.
    package static func ignoreBrokenPipes() { host_ignore_broken_pipes() }
}
