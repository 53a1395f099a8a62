import CCurl
import Platform

/// One request on its way: owns the easy handle, and the memory that libcurl writes into.
///
/// Belongs to the loop's thread. libcurl holds it unretained from `init` to `deinit`: the loop keeps it as long
/// as its handle is on the multi handle.
final class Transfer {
    let handle: UnsafeMutableRawPointer
    let continuation: HTTPContinuation
    private let limits: HTTPLimits
    private let words: UnsafeMutablePointer<CChar>
    private var lines: UnsafeMutablePointer<curl_slist>?
    private var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    private var isHeadWhole = false
    private var body: [UInt8] = []
    private let gate: (@Sendable () -> Bool)?
    private var isWithheld = false
    /// What made us refuse more of the answer.
    private var refusal: String?

    init(
        _ id: UInt64, _ request: HTTPRequest, _ settings: HTTPSettings,
        _ continuation: HTTPContinuation
    ) throws(HTTPError) {
        guard let handle = curl_easy_init() else { throw .refused("no memory for a request") }
        self.handle = handle
        self.continuation = continuation
        limits = request.limits
        gate = request.gate
        words = .allocate(capacity: Int(CURL_ERROR_SIZE))
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        host_curl_setopt_pointer(handle, CURLOPT_ERRORBUFFER, words)
        host_curl_setopt_pointer(
            handle, CURLOPT_PRIVATE, UnsafeMutableRawPointer(bitPattern: UInt(id)))
        try address(request, settings)
        try write(request)
        receive()
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(lines)
        words.deallocate()
    }

    static func id(of handle: UnsafeMutableRawPointer) -> UInt64? {
        var raw: UnsafeMutableRawPointer?
        guard host_curl_getinfo_pointer(handle, CURLINFO_PRIVATE, &raw) == CURLE_OK, let raw
        else { return nil }
        return UInt64(UInt(bitPattern: raw))
    }

    // MARK: The request

    private func address(_ request: HTTPRequest, _ settings: HTTPSettings) throws(HTTPError) {
        let address = try request.url.withText { text throws(HTTPError) in try HTTPAddress(text) }
        guard address.scheme == "https" || (address.scheme == "http" && address.isLoopback) else {
            throw .refused(
                address.scheme == "http"
                    ? "plain http is only for this machine itself: write https"
                    : "the address is no http(s) URL")
        }
        request.url.withText { _ = host_curl_setopt_text(handle, CURLOPT_URL, $0) }
        host_curl_setopt_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        host_curl_setopt_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        host_curl_setopt_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        host_curl_setopt_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
        host_curl_setopt_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
        if let file = settings.authorities { try authorities(file) }
        if address.isLoopback {
            host_curl_setopt_text(handle, CURLOPT_PROXY, "")
        } else {
            switch settings.proxy {
            case .environment: break
            case .none: host_curl_setopt_text(handle, CURLOPT_PROXY, "")
            case .through(let proxy):
                proxy.withText { _ = host_curl_setopt_text(handle, CURLOPT_PROXY, $0) }
            }
        }
        // A signal would interrupt other threads, and a hung name server this one.
        host_curl_setopt_long(handle, CURLOPT_NOSIGNAL, 1)
        host_curl_setopt_long(handle, CURLOPT_QUICK_EXIT, 1)
        host_curl_setopt_long(
            handle, CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(limits.connect))
        host_curl_setopt_long(handle, CURLOPT_TIMEOUT_MS, Self.milliseconds(limits.whole))
        if !request.isRepeatable {
            host_curl_setopt_long(handle, CURLOPT_FRESH_CONNECT, 1)
            host_curl_setopt_long(handle, CURLOPT_FORBID_REUSE, 1)
        }
    }

    private func authorities(_ file: String) throws(HTTPError) {
        guard host_curl_setopt_text(handle, CURLOPT_CAINFO, file) == CURLE_OK,
            host_curl_setopt_text(handle, CURLOPT_CAPATH, nil) == CURLE_OK
        else { throw .refused("the file of authorities is not taken") }
    }

    private func write(_ request: HTTPRequest) throws(HTTPError) {
        switch request.method {
        case .get: host_curl_setopt_long(handle, CURLOPT_HTTPGET, 1)
        case .post:
            host_curl_setopt_long(handle, CURLOPT_POST, 1)
            host_curl_setopt_offset(
                handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            // Copied by libcurl, of the size just set.
            let result = request.body.withUnsafeBytes { bytes in
                host_curl_setopt_pointer(
                    handle, CURLOPT_COPYPOSTFIELDS,
                    UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            }
            guard result == CURLE_OK else { throw .refused("no memory for the body") }
        }
        // No waiting for "100 Continue" before the body.
        lines = curl_slist_append(lines, "Expect:")
        for header in request.headers {
            let isTaken = header.value.withText { value in
                let line = "\(header.name): \(value)"
                guard line.utf8.allSatisfy({ $0 >= 32 || $0 == 9 }), !header.name.isEmpty else {
                    return false
                }
                lines = curl_slist_append(lines, line)
                return true
            }
            guard isTaken else { throw .refused("a header holds a line break") }
        }
        host_curl_setopt_pointer(handle, CURLOPT_HTTPHEADER, lines)
        host_curl_setopt_text(handle, CURLOPT_USERAGENT, "madang")
    }

    private static func milliseconds(_ nanoseconds: Int64) -> Int {
        Int(max(1, nanoseconds / 1_000_000))
    }

    // MARK: The answer

    private func receive() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        host_curl_setopt_receiver(handle, CURLOPT_WRITEFUNCTION, receiveBody)
        host_curl_setopt_pointer(handle, CURLOPT_WRITEDATA, context)
        host_curl_setopt_receiver(handle, CURLOPT_HEADERFUNCTION, receiveHeader)
        host_curl_setopt_pointer(handle, CURLOPT_HEADERDATA, context)
        if gate != nil { host_curl_setopt_gate(handle, askGate, context) }
    }

    fileprivate func mayLeave() -> Bool {
        isWithheld = gate.map { !$0() } ?? false
        return !isWithheld
    }

    fileprivate func took(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= limits.body - body.count else {
            refusal = "the answer is longer than \(limits.body) bytes"
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    fileprivate func took(header bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= HTTPLimits.headers else {
            refusal = "the answer's head is longer than \(HTTPLimits.headers) bytes"
            return false
        }
        let line = String(decoding: bytes, as: UTF8.self)
        isHeadWhole = isHeadWhole || line == "\r\n" || line == "\n"
        if line.hasPrefix("HTTP/") {
            (headers, isHeadWhole) = ([], false)  // a proxy's or an interim answer stood before
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            let end = value.lastIndex { !$0.isWhitespace }.map { value.index(after: $0) }
            headers.append(
                (String(line[..<colon]), String(value[..<(end ?? value.startIndex)])))
        }
        return true
    }

    func answer(_ result: CURLcode) -> Result<HTTPResponse, HTTPError> {
        if isWithheld {
            return .failure(
                HTTPError(.withheld, isCertainlyNotSent: true, "it was held back before the write"))
        }
        if let refusal {
            return .failure(HTTPError(.badAnswer, isCertainlyNotSent: false, refusal))
        }
        guard result == CURLE_OK else {
            return .failure(.of(result, on: handle, detail: String(cString: words)))
        }
        // A connection that is closed within the head is an end of the answer to libcurl.
        guard isHeadWhole else {
            return .failure(
                HTTPError(
                    .badAnswer, isCertainlyNotSent: false, "the answer's head was cut short"))
        }
        var status = 0
        host_curl_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status)
        return .success(HTTPResponse(status: status, headers: headers, body: body))
    }

    var cancelled: HTTPError {
        var began: curl_off_t = 0
        host_curl_getinfo_offset(handle, CURLINFO_PRETRANSFER_TIME_T, &began)
        return HTTPError(
            .cancelled, isCertainlyNotSent: began == 0 || isWithheld, "it was cancelled")
    }
}

private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.took(body: UnsafeRawBufferPointer(start: bytes, count: size * count))
        ? size * count : 0
}

private func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.took(header: UnsafeRawBufferPointer(start: bytes, count: size * count))
        ? size * count : 0
}

private func askGate(
    _ context: UnsafeMutableRawPointer?, _ there: UnsafeMutablePointer<CChar>?,
    _ here: UnsafeMutablePointer<CChar>?, _ therePort: Int32, _ herePort: Int32
) -> Int32 {
    guard let context else { return CURL_PREREQFUNC_ABORT }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().mayLeave()
        ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}
