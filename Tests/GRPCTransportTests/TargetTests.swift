import Testing

@testable import GRPCTransport

@Suite struct TargetTests {
    @Test(
        arguments: [
            (Target.tcp(host: "127.0.0.1", port: 50051), "ipv4:127.0.0.1:50051"),
            (.tcp(host: "::1", port: 1), "ipv6:[::1]:1"),
            (.tcp(host: "strategy.example", port: 443), "dns:///strategy.example:443"),
            (.tcp(host: "1.2.3.400", port: 1), "dns:///1.2.3.400:1"),
            (.unix(path: "/run/m/s.sock"), "unix:/run/m/s.sock"),
            (.unix(path: "/a b/%41#?.é\n"), "unix:/a%20b/%2541%23%3F.%C3%A9%0A"),
        ])
    func reads(_ target: Target, asURI uri: String) { #expect(target.uri == uri) }

    @Test(
        arguments: [
            Target.tcp(host: "", port: 1), .tcp(host: "a/b", port: 1), .tcp(host: "a b", port: 1),
            .tcp(host: "[::1]", port: 1), .tcp(host: "한국", port: 1), .tcp(host: "a", port: 0),
            .unix(path: "relative.sock"), .unix(path: ""), .unix(path: "/a\0b"),
            .unix(path: "/" + String(repeating: "x", count: 107)),
        ])
    func refuses(_ target: Target) {
        let error = #expect(throws: RPCError.self) { try target.check() }
        #expect(error?.trouble == .badAddress)
        #expect(error?.code == .invalidArgument)
    }

    @Test func pathOf107BytesIsTaken() throws {
        try Target.unix(path: "/" + String(repeating: "x", count: 106)).check()
    }

    @Test func tooLongPathIsNamedWithItsLength() {
        let target = Target.unix(path: "/" + String(repeating: "x", count: 199))
        let error = #expect(throws: RPCError.self) { try target.check() }
        #expect(error?.description.contains("200 bytes") == true)
        #expect(error?.description.contains("107") == true)
    }

    @Test(
        arguments: [
            (Target.tcp(host: "127.8.8.8", port: 1), true),
            (.tcp(host: "localhost", port: 1), true),
            (.tcp(host: "::1", port: 1), true), (.unix(path: "/s"), true),
            (.tcp(host: "127.evil.example", port: 1), false),
            (.tcp(host: "10.0.0.1", port: 1), false),
        ])
    func isLocal(_ target: Target, _ expected: Bool) { #expect(target.isLocal == expected) }
}
