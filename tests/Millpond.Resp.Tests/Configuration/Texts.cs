namespace Millpond.Resp.Tests.Configuration;

public class Texts
{
    [Fact]
    public async Task A_list_says_hosts_and_options()
    {
        var options = RespOptions.Parse("a:7000,[::1]:7001,b,ssl=true,sslHost=c,user=app,password=p,defaultDatabase=2,name=web,protocol=2,connections=4,connectTimeout=500,timeout=250,keepAlive=7");
        Assert.Equal([new("a", 7000), new("::1", 7001), new("b", 6379)], options.Endpoints);
        Assert.Equal("c", options.Tls!.ServerName);
        Assert.Equal(new RespCredentials("app", "p"), await options.Credentials!(default));
        Assert.Equal((2, "web", 2, 4), (options.Database, options.ClientName, options.Protocol, options.Connections));
        Assert.Equal((500, 250, 7_000), (options.ConnectTimeout.TotalMilliseconds, options.CommandTimeout.TotalMilliseconds, options.KeepAlive.TotalMilliseconds));
    }

    [Fact]
    public async Task A_url_says_the_same()
    {
        var options = RespOptions.Parse("rediss://app:p%40ss@a:7000/2?timeout=250&name=web");
        Assert.Equal([new("a", 7000)], options.Endpoints);
        Assert.NotNull(options.Tls);
        Assert.Equal(new RespCredentials("app", "p@ss"), await options.Credentials!(default));
        Assert.Equal((2, "web", 250), (options.Database, options.ClientName, options.CommandTimeout.TotalMilliseconds));
        Assert.Null(RespOptions.Parse("redis://a").Tls);
    }

    [Theory]
    [InlineData("unix:///run/redis.sock")]
    [InlineData("/run/redis.sock")]
    public void A_path_is_a_unix_socket(string text) => Assert.Equal([RespEndpoint.Unix("/run/redis.sock")], RespOptions.Parse(text).Endpoints);

    [Fact]
    public void With_a_service_name_the_hosts_are_sentinels_on_their_own_port() =>
        Assert.Equal([new("a", 26379), new("b", 5000)], RespOptions.Parse("a,b:5000,serviceName=main").Endpoints);

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var faults = Assert.Throws<RespException>(() => RespOptions.Parse("a:b:c:x y,host:99999,tls=yes,ssl=perhaps,connections=many,connections=2,user=me,timeout=-5,mode=fast"));
        Assert.Equal(RespErrorCode.InvalidConfiguration, faults.Code);
        foreach (var fault in new[] { "'host:99999'", "'tls' is no option", "'ssl' is 'perhaps'", "'connections' is 'many'", "'connections' is given twice", "'user' is given without", "CommandTimeout", "'mode' is 'fast'" })
        {
            Assert.Contains(fault, faults.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", "Endpoints is empty")]
    [InlineData("a,serviceName=m,mode=cluster", "Mode is Cluster")]
    [InlineData("a,mode=sentinel", "no ServiceName")]
    [InlineData("a,mode=cluster,defaultDatabase=1", "a cluster has only 0")]
    [InlineData("/run/a.sock,ssl=true", "unix socket")]
    [InlineData("a,sslHost=b", "'ssl' is not true")]
    [InlineData("a,sentinelPassword=b", "no sentinels")]
    [InlineData("a,protocol=4", "Protocol is 4")]
    [InlineData("http://a", "'http://' is no scheme")]
    public void What_contradicts_itself_is_refused(string text, string fault) =>
        Assert.Contains(fault, Assert.Throws<RespException>(() => RespOptions.Parse(text)).Message, StringComparison.Ordinal);
}
