import CCurl
import Platform

/// Why there is no answer. Holds nothing of the request: its address may hold a token.
package struct HTTPError: Error, Hashable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The request itself cannot be sent: no address, a scheme or header that is refused.
        case badRequest
        case notResolved, notConnected
        /// TLS could not be agreed on, or the certificate is not to be trusted.
        case notSecured
        case timedOut
        /// The connection broke.
        case broken
        /// The answer is no HTTP, or longer than the limits allow.
        case badAnswer
        case cancelled
        /// The request's gate said no.
        case withheld
        /// The client was closed, or has too much to do.
        case unavailable
    }
    package let code: Code
    /// Whether nothing of the request can have reached the other side; false: the outcome is
    /// unknown, for the request, or a part, has left.
    package let isCertainlyNotSent: Bool
    package let description: String

    package init(_ code: Code, isCertainlyNotSent: Bool, _ description: String) {
        self.code = code
        self.isCertainlyNotSent = isCertainlyNotSent
        self.description = description
    }

    static func refused(_ description: String) -> HTTPError {
        HTTPError(.badRequest, isCertainlyNotSent: true, description)
    }

    /// libcurl's result in our words, asked while the handle still knows the rest.
    ///
    /// - Parameters:
    ///   - detail: libcurl's own words. Only told for a refused certificate, when they speak of
    ///     that; at other times they may quote the address.
    static func of(_ result: CURLcode, on handle: UnsafeMutableRawPointer, detail: String)
        -> HTTPError
    {
        // "About to transfer": stays 0 until the connection, with TLS and proxy, stands.
        var began: curl_off_t = 0
        host_curl_getinfo_offset(handle, CURLINFO_PRETRANSFER_TIME_T, &began)
        let isUnsent = began == 0
        var system: Int = 0
        host_curl_getinfo_long(handle, CURLINFO_OS_ERRNO, &system)
        let reason = system == 0 ? "" : ": " + systemMessage(CInt(truncatingIfNeeded: system))
        let words = String(cString: curl_easy_strerror(result))
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return HTTPError(
                .notResolved, isCertainlyNotSent: isUnsent,
                "the name of the server or proxy is not known; check network and address")
        case CURLE_COULDNT_CONNECT:
            return HTTPError(.notConnected, isCertainlyNotSent: isUnsent, "no connection\(reason)")
        case CURLE_PEER_FAILED_VERIFICATION:
            return HTTPError(
                .notSecured, isCertainlyNotSent: isUnsent, detail.isEmpty ? words : detail)
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ENGINE_INITFAILED:
            return HTTPError(.notSecured, isCertainlyNotSent: isUnsent, "TLS: \(words)")
        case CURLE_OPERATION_TIMEDOUT:
            return HTTPError(
                .timedOut, isCertainlyNotSent: isUnsent,
                isUnsent ? "no connection in time" : "no whole answer in time")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return HTTPError(
                .badRequest, isCertainlyNotSent: isUnsent, "the address is no http(s) URL")
        case CURLE_WEIRD_SERVER_REPLY:
            return HTTPError(.badAnswer, isCertainlyNotSent: isUnsent, "the answer is no HTTP")
        default:
            return HTTPError(.broken, isCertainlyNotSent: isUnsent, words + reason)
        }
    }
}
