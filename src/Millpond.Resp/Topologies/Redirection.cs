using System.Text;

namespace Millpond.Resp.Topologies;

/// <summary>What an error reply says about where a command belongs.</summary>
internal enum Redirection
{
    /// <summary>Nothing: it is the command's result.</summary>
    None,

    /// <summary>MOVED: the slot belongs elsewhere from now on.</summary>
    Moved,

    /// <summary>ASK: this once elsewhere, because the slot is on its way.</summary>
    Ask,

    /// <summary>TRYAGAIN, CLUSTERDOWN, LOADING, MASTERDOWN, or READONLY from a node that was a primary: the same again in a moment, when the deployment has settled.</summary>
    Later,
}

/// <summary>Tells error replies apart by their first word.</summary>
internal static class Redirections
{
    public static Redirection Of(ReadOnlySpan<byte> error)
    {
        var space = error.IndexOf((byte)' ');
        var word = space < 0 ? error : error[..space];
        return word.SequenceEqual("MOVED"u8) ? Redirection.Moved
            : word.SequenceEqual("ASK"u8) ? Redirection.Ask
            : word.SequenceEqual("TRYAGAIN"u8) || word.SequenceEqual("CLUSTERDOWN"u8) || word.SequenceEqual("MASTERDOWN"u8)
                || word.SequenceEqual("READONLY"u8) || word.SequenceEqual("LOADING"u8) ? Redirection.Later
            : Redirection.None;
    }

    public static string TextOf(ReadOnlySpan<byte> error) => Encoding.UTF8.GetString(error);
}
