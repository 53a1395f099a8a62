import CZlib

/// The library in use.
package enum ZlibLibrary {
    package static var version: String { String(cString: zlibVersion()) }
}
