using Millpond.Resp;

var client = new RespClient(RespOptions.Parse("localhost"));
byte[] key = [1, 2, 3];
