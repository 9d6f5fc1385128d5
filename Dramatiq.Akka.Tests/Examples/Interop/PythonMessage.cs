namespace Dramatiq.Akka.Tests.Examples.Interop;

/// <summary>Bodies as Python's Dramatiq writes them, and what comes back to it.</summary>
internal static class PythonMessage
{
    /// <summary><c>(add.message(2, 3) | show.message("2 + 3")).run()</c>, with what a broker adds to the options.</summary>
    public static string AddPipedToShow(string show, string more = "") => $$$"""
        {"queue_name":"math","actor_name":"add","args":[2,3],"kwargs":{},"options":{{{{more}}}"pipe_target":{"queue_name":"{{{show}}}","actor_name":"show","args":["2 + 3"],"kwargs":{},"options":{},"message_id":"c1e5f0a6-31f8-4c51-a9ad-94b2ce30f1f9","message_timestamp":1795354558050}},"message_id":"9a1ba0ad-7c5e-4a0d-b3d3-94b7e6a3bbd2","message_timestamp":1795354558050}
        """;

    /// <summary><c>fail.send("on purpose")</c>.</summary>
    public static string Fail(string more = "") => $$$"""
        {"queue_name":"interop","actor_name":"fail","args":["on purpose"],"kwargs":{},"options":{{{{more}}}},"message_id":"0b3ab6ad-4f70-4d30-90bb-0f6f8b6a4d11","message_timestamp":1795354558050}
        """;
}
