/// How a channel reaches its server, and the limits it keeps.
package struct ChannelConfiguration: Sendable {
    package var target: Target
    package var security: Security
    /// Sent with every call; only over TLS or to this machine.
    package var token: BearerToken?
    /// Bytes of the largest message taken; a larger one ends its call with `messageTooLarge`.
    package var maxReceiveBytes: Int
    /// Bytes of the largest message sent.
    package var maxSendBytes: Int
    /// Bytes of each stream that the peer may send before somebody asks for them; a message under
    /// way comes on top. What goes beyond waits in the peer. More helps on long ways only.
    package var receiveAheadBytes: Int
    /// `nil` sends no pings.
    package var keepalive: Keepalive?
    package var reconnect: Reconnect

    /// Pings that notice a frozen process or a dead host. They say nothing about a hung program.
    ///
    /// Only for servers that welcome them: others close the connection after three.
    package struct Keepalive: Hashable, Sendable {
        package var interval: Duration
        package var timeout: Duration
        package init(interval: Duration = .seconds(30), timeout: Duration = .seconds(10)) {
            self.interval = interval
            self.timeout = timeout
        }
        /// The options of a server that welcomes these pings, in the C core's words.
        package static let serverOptions = [
            "grpc.http2.min_ping_interval_without_data_ms": 10_000,
            "grpc.keepalive_permit_without_calls": 1,
        ]
    }

    /// How soon the core tries again after a failed or broken connection.
    package struct Reconnect: Hashable, Sendable {
        /// Before the second attempt; it grows by 1.6 from there, with a jitter of 20 %.
        package var first: Duration
        package var longest: Duration
        /// Given to a single attempt, handshake included.
        package var attempt: Duration
        package init(
            first: Duration = .milliseconds(100), longest: Duration = .seconds(2),
            attempt: Duration = .seconds(5)
        ) {
            self.first = first
            self.longest = longest
            self.attempt = attempt
        }
    }

    package init(
        target: Target, security: Security = .insecure, token: BearerToken? = nil,
        maxReceiveBytes: Int = 4 << 20, maxSendBytes: Int = 4 << 20,
        receiveAheadBytes: Int = 64 << 10,
        keepalive: Keepalive? = nil, reconnect: Reconnect = Reconnect()
    ) {
        self.target = target
        self.security = security
        self.token = token
        self.maxReceiveBytes = maxReceiveBytes
        self.maxSendBytes = maxSendBytes
        self.receiveAheadBytes = receiveAheadBytes
        self.keepalive = keepalive
        self.reconnect = reconnect
    }
}

extension ChannelConfiguration {
    func check() throws(RPCError) {
        try target.check()
        if token != nil, case .insecure = security, !target.isLocal {
            throw RPCError(
                .invalidArgument, "a token is not sent in plain text beyond this machine: use TLS",
                at: "\(target)", trouble: .badCredentials)
        }
    }

    func makeArguments() -> ChannelArguments {
        let arguments = ChannelArguments()
        // A connection of its own: servers stay isolated from one another.
        arguments.set("grpc.use_local_subchannel_pool", 1)
        arguments.set("grpc.enable_http_proxy", 0)
        arguments.set("grpc.service_config_disable_resolution", 1)
        // Probing for bandwidth would raise the window to megabytes, and its pings annoy servers.
        arguments.set("grpc.http2.bdp_probe", 0)
        arguments.set("grpc.http2.lookahead_bytes", receiveAheadBytes)
        // Whether to try again is decided above this room.
        arguments.set("grpc.enable_retries", 0)
        arguments.set("grpc.max_receive_message_length", maxReceiveBytes)
        arguments.set("grpc.max_send_message_length", maxSendBytes)
        arguments.set("grpc.initial_reconnect_backoff_ms", reconnect.first.milliseconds)
        arguments.set("grpc.max_reconnect_backoff_ms", reconnect.longest.milliseconds)
        arguments.set("grpc.min_reconnect_backoff_ms", reconnect.attempt.milliseconds)
        if let keepalive {
            arguments.set("grpc.keepalive_time_ms", keepalive.interval.milliseconds)
            arguments.set("grpc.keepalive_timeout_ms", keepalive.timeout.milliseconds)
            arguments.set("grpc.keepalive_permit_without_calls", 1)
            arguments.set("grpc.http2.max_pings_without_data", 0)
        }
        if case .tls(let tls) = security, let name = tls.serverName {
            arguments.set("grpc.ssl_target_name_override", name)
        }
        return arguments
    }
}

extension Duration {
    /// Whole milliseconds, rounded down; what does not fit is the largest `Int`.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : Int(clamping: whole + attoseconds / 1_000_000_000_000_000)
    }

    /// Whole nanoseconds, not negative; what does not fit is the largest `Int64`.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : max(0, whole + attoseconds / 1_000_000_000)
    }
}
