namespace Millpond.Feeds;

/// <summary>
/// A change feed that knows how far its source has come in the history of a home database: the source is that database, or a replica of it in another region. What it tells by <see cref="IFeedSink.Reaches"/> is what sessions are kept by.
/// </summary>
public interface IHomeFeed : IChangeFeed
{
    /// <summary>Whether loads read the home database itself, so that one which begins now shows everything that was committed before. If not, they read a replica, which comes behind.</summary>
    bool LoadsReadHome { get; }

    /// <summary>Asks the home database where it stands: no earlier than any commit that was visible there when this was called.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MillpondException">MP1605: nothing is known of where the home database is.</exception>
    ValueTask<HomePosition> ReadHomeAsync(CancellationToken cancellationToken);

    /// <summary>Asks where the database stands that loads read: no earlier than any commit of the home database that a load showed which had ended when this was called.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<HomePosition> ReadHereAsync(CancellationToken cancellationToken);
}
