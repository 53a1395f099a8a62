import Testing

@testable import GRPCTransport

@Suite struct TroubleTests {
    private static let failed = "failed to connect to all addresses; last error: "

    @Test(
        arguments: [
            (RPCStatus(.unavailable, failed + "UNKNOWN: Connection refused"), Trouble.refused),
            (
                RPCStatus(.unavailable, failed + "UNKNOWN: No such file or directory"),
                .missingSocket
            ),
            (
                RPCStatus(
                    .unavailable, failed + "UNAUTHENTICATED: Hostname Verification Check failed."),
                .wrongServerName
            ),
            (
                RPCStatus(
                    .unavailable,
                    failed + "SSL_ERROR_SSL: error:0A000086:SSL routines::certificate verify failed"
                ),
                .untrustedCertificate
            ),
            (
                RPCStatus(.unavailable, failed + "UNAVAILABLE: ipv4:1.1.1.1:1: Socket closed"),
                .handshake
            ),
            (
                RPCStatus(.unavailable, failed + "UNKNOWN: Peer name x is not in peer certificate"),
                .wrongServerName
            ),
            (RPCStatus(.unavailable, "Socket closed"), .connectionLost),
            (RPCStatus(.unavailable, "keepalive watchdog timeout"), .keepaliveTimeout),
            (RPCStatus(.unavailable, "Too many pings"), .tooManyPings),
            (RPCStatus(.unavailable, "DNS resolution failed for x"), .unknownHost),
            (
                RPCStatus(.resourceExhausted, "CLIENT: Received message larger than max (2 vs. 1)"),
                .messageTooLarge
            ),
            (
                RPCStatus(
                    .unavailable,
                    failed + "UNKNOWN: connection attempt timed out before receiving SETTINGS frame"
                ), .noAnswer
            ),
            (RPCStatus(.unavailable, failed + "UNKNOWN: No route to host (113)"), .noAnswer),
            (RPCStatus(.unavailable, failed + "UNKNOWN: Trying to connect an http1.x"), .other),
            (RPCStatus(.resourceExhausted, "Concurrent RPC limit exceeded!"), .other),
            (RPCStatus(.deadlineExceeded), .deadline), (RPCStatus(.cancelled), .cancelled),
            (RPCStatus(.unimplemented), .unimplemented),
            (RPCStatus(.permissionDenied), .notAllowed),
            (RPCStatus(.failedPrecondition, "Connection refused"), .other),
        ])
    func isTold(from status: RPCStatus, _ trouble: Trouble) { #expect(Trouble(status) == trouble) }

    @Test func errorSaysWhereWhatAndWhatNext() {
        let error = RPCError(
            RPCStatus(.unavailable, "Connection refused"), at: "10.0.0.1:5 /a.B/C")
        #expect(
            error.description
                == "10.0.0.1:5 /a.B/C: unavailable: Connection refused\n"
                + "  start the server, or correct the address")
    }

    @Test func secretsAreNotPrinted() {
        let token = BearerToken("s3cret")
        let identity = Security.Identity(chain: Array("s3cret".utf8), key: Array("s3cret".utf8))
        var printed = "\(token) \(identity) \(Security.tls(.init(identity: identity)))"
        dump(token, to: &printed)
        dump(
            ChannelConfiguration(target: .unix(path: "/s"), token: token), to: &printed)
        #expect(!printed.contains("s3cret"))
        #expect(!printed.contains("115"), "not as bytes either")
    }
}
