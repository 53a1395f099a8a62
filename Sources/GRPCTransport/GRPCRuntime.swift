import CGRPC

/// The C core as a whole: started once, by whoever needs it first, and kept until the process ends.
package enum GRPCRuntime {
    /// How grave a line of the C core's own log is.
    package enum Severity: Sendable { case debug, info, error }

    private static let started: Void = {
        grpc_init()
    }()

    private static let sink = Guarded<(@Sendable (Severity, String) -> Void)?>(nil)

    /// Starts the C core unless it runs already. Safe from any thread.
    static func start() { started }

    /// The version of the C core, such as `29.0.0`.
    package static var coreVersion: String {
        start()
        return String(cString: grpc_version_string())
    }

    /// Sends the C core's own log lines to `sink` instead of standard error.
    ///
    /// They come from any thread and must not block; `nil` drops them. By default the core prints
    /// errors only.
    package static func log(to sink: (@Sendable (Severity, String) -> Void)?) {
        start()
        Self.sink.withLock { $0 = sink }
        gpr_set_log_function { line in
            guard let line, let text = line.pointee.message else { return }
            let severity: Severity =
                switch line.pointee.severity {
                case GPR_LOG_SEVERITY_ERROR: .error
                case GPR_LOG_SEVERITY_INFO: .info
                default: .debug
                }
            let sink = GRPCRuntime.sink.withLock { $0 }
            sink?(severity, String(cString: text))
        }
    }
}
