// Written by ui/build.mjs.

/// Name, media type and bytes of each file.
const FILES: &[(&str, &str, &[u8])] = &[
    ("app.css", "text/css; charset=utf-8", include_bytes!("app.css")),
    ("app.js", "text/javascript; charset=utf-8", include_bytes!("app.js")),
    ("chart-G6JFRJ4S.js", "text/javascript; charset=utf-8", include_bytes!("chart-G6JFRJ4S.js")),
    ("chunk-JCHL45MS.js", "text/javascript; charset=utf-8", include_bytes!("chunk-JCHL45MS.js")),
    ("editor-A3O3JZOQ.js", "text/javascript; charset=utf-8", include_bytes!("editor-A3O3JZOQ.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("icon.svg")),
    ("index.html", "text/html; charset=utf-8", include_bytes!("index.html")),
];
