namespace Millpond.Shared;

/// <summary>
/// The shared tier did not answer, or refused. Callers of a keyspace never see it: a read goes on to the source, a change is
/// remembered and made later.
/// </summary>
public sealed class SharedTierException : MillpondException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What was asked, of whom, and what happened.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public SharedTierException(string message, Exception? inner = null)
        : base(ErrorCode.SharedTierUnavailable, message, inner)
    {
    }
}
