import Host
import Platform

/// Why a command failed, with its exit code.
struct RunError: Error, CustomStringConvertible {
    let code: ExitCode
    let description: String
    init(_ code: ExitCode, _ description: String) {
        self.code = code
        self.description = description
    }

    init(_ failure: RunFailure) {
        let code: ExitCode =
            switch failure {
            case .feed: .feed
            case .store, .log: .store
            case .server: .server
            case .stopped: .stopped
            }
        self.init(code, "\(failure)")
    }
}
