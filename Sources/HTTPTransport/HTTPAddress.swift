import CCurl

/// What must be known of a URL before it is used: its scheme, and whether it stays on this machine.
struct HTTPAddress {
    let scheme: String
    let isLoopback: Bool
    let host: String
    /// The scheme's own where none is written.
    let port: UInt16
    let pathAndQuery: String

    /// - Throws: `badRequest`; the URL is not quoted.
    init(_ url: String) throws(HTTPError) {
        guard let parsed = curl_url() else { throw .refused("no memory for an address") }
        defer { curl_url_cleanup(parsed) }
        guard !url.utf8.contains(0), curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: parsed),
            let host = Self.part(CURLUPART_HOST, of: parsed), !host.isEmpty
        else { throw .refused("the address is no http(s) URL") }
        self.scheme = scheme.lowercased()
        isLoopback = Self.isLoopback(host.lowercased())
        self.host = host
        port = Self.part(CURLUPART_PORT, of: parsed, CURLU_DEFAULT_PORT).flatMap { UInt16($0) } ?? 0
        let query = Self.part(CURLUPART_QUERY, of: parsed).map { "?" + $0 } ?? ""
        pathAndQuery = (Self.part(CURLUPART_PATH, of: parsed) ?? "/") + query
    }

    private static func part(
        _ part: CURLUPart, of parsed: OpaquePointer, _ flags: Int32 = 0
    ) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parsed, part, &text, UInt32(flags)) == CURLUE_OK, let text else {
            return nil
        }
        defer { curl_free(text) }
        return String(cString: text)
    }

    /// Names and numbers of this machine itself; `127.1` has become `127.0.0.1` by now.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
