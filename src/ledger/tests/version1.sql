PRAGMA application_id = 1279423084;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE records (
        seq INTEGER PRIMARY KEY,
        wall_ms INTEGER NOT NULL,
        body TEXT NOT NULL,
        hash BLOB NOT NULL,
        kind AS (json_extract(body, '$.record')),
        at_us AS (json_extract(body, '$.at')),
        copy AS (json_extract(body, '$.copy')),
        login AS (json_extract(body, '$.login'))
    );
INSERT INTO records VALUES(1,1763728000100,'{"record":"taken","position":{"id":1,"ticket":1,"symbol":"XAUUSD","side":"buy","lots":"1.00","open_price":"2000","open_time":100,"stop_loss":"1990","take_profit":null,"magic":0},"pool":"half","at":100000}',X'ed0b73d9c09cf117e9e41012d565009c1ddf9fc5742d2317741d11b4213586a8');
INSERT INTO records VALUES(2,1763728000100,'{"record":"decided","copy":4294967297,"pool":"half","login":2001,"decision":{"method":"multiplier","facts":{"master_lots":"1.00","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.5","rounding":{"policy":"down","step":"0.01","lots":"0.50"},"caps":[],"skip":null},"at":100000}',X'78160d8cdf7669a7755de75be4df5ca60e579e5e4a9aaa2b67515d31524ef444');
INSERT INTO records VALUES(3,1763728000100,'{"record":"decided","copy":4294967297,"pool":"half","login":2002,"decision":{"method":"multiplier","facts":{"master_lots":"1.00","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.5","rounding":{"policy":"down","step":"0.01","lots":"0.50"},"caps":[],"skip":null},"at":100000}',X'2eb05e7e7c2863e241b4165768b51e1c01e115cd55064a22d28ef71290ddbc90');
INSERT INTO records VALUES(4,1763728000100,'{"record":"copy","copy":4294967297,"login":2001,"state":"sent","opened":"0.00","at":100000}',X'2b97e5f6a1e38420bc40ed470d702e738ca27969a974f693500458421824d730');
INSERT INTO records VALUES(5,1763728000100,'{"record":"copy","copy":4294967297,"login":2002,"state":"sent","opened":"0.00","at":100000}',X'50daa9d02201d4713f742e759469e511a0196fad2dd54b9afc42fbd07a0b7b8b');
INSERT INTO records VALUES(6,1763728000120,'{"record":"copy","copy":4294967297,"login":2001,"state":"open","opened":"0.50","retcode":10009,"at":120000}',X'eb938cc896c4a07c64a429750aa02a98b8bf7f56946c12576159328080f28f17');
INSERT INTO records VALUES(7,1763728000140,'{"record":"copy","copy":4294967297,"login":2002,"state":"rejected","opened":"0.00","retcode":10019,"at":140000}',X'7679e87d0f408d369ed192ff195bea0dd579e3739679f1acd3b9a5b6670b5b57');
INSERT INTO records VALUES(8,1763728000600,'{"record":"taken","position":{"id":2,"ticket":2,"symbol":"XAUUSD","side":"buy","lots":"0.01","open_price":"2000","open_time":600,"stop_loss":null,"take_profit":null,"magic":0},"pool":"half","at":600000}',X'ba393da4096ac5bdf10bb6c75dd613f9017a4d5d46e6d2d9c1dd3064c7332a4d');
INSERT INTO records VALUES(9,1763728000600,'{"record":"decided","copy":4294967298,"pool":"half","login":2001,"decision":{"method":"multiplier","facts":{"master_lots":"0.01","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.005","rounding":{"policy":"down","step":"0.01","lots":"0.00"},"caps":[],"skip":"below_minimum"},"at":600000}',X'ec6ced7d547b25b4ab7b70954260f19c521cc6b071b1a543a36128d089f79926');
INSERT INTO records VALUES(10,1763728000600,'{"record":"copy","copy":4294967298,"login":2001,"state":"skipped","opened":"0.00","skip":"below_minimum","at":600000}',X'6f94d6524a9ecc5e3de4e91167ee9491705f1d23f25ad02df499494987123ee5');
INSERT INTO records VALUES(11,1763728000600,'{"record":"decided","copy":4294967298,"pool":"half","login":2002,"decision":{"method":"multiplier","facts":{"master_lots":"0.01","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.005","rounding":{"policy":"down","step":"0.01","lots":"0.00"},"caps":[],"skip":"below_minimum"},"at":600000}',X'5b966a7c179e8b65b5c38fe2defcaa9f0297304bc72eb3241967443988cf70c0');
INSERT INTO records VALUES(12,1763728000600,'{"record":"copy","copy":4294967298,"login":2002,"state":"skipped","opened":"0.00","skip":"below_minimum","at":600000}',X'0e6aa1efcb210f9393e36f2b0fd43c2ca707d3262b6394d71b255ac975f080e7');
INSERT INTO records VALUES(13,1763728000700,'{"record":"taken","position":{"id":3,"ticket":3,"symbol":"XAUUSD","side":"buy","lots":"0.40","open_price":"2000","open_time":700,"stop_loss":null,"take_profit":null,"magic":0},"pool":"half","at":700000}',X'd4d64c79609d99c0445230971cf6121b93642c4cdccc9d9ae09b26c7aa52d00a');
INSERT INTO records VALUES(14,1763728000700,'{"record":"decided","copy":4294967299,"pool":"half","login":2001,"decision":{"method":"multiplier","facts":{"master_lots":"0.40","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.2","rounding":{"policy":"down","step":"0.01","lots":"0.20"},"caps":[],"skip":null},"at":700000}',X'cd2892b17012f8149e8f4bf4d1e96d7c70384092cb29a820c613b8718ce114bf');
INSERT INTO records VALUES(15,1763728000700,'{"record":"decided","copy":4294967299,"pool":"half","login":2002,"decision":{"method":"multiplier","facts":{"master_lots":"0.40","profile":"0.5","lots_min":"0.01","lots_max":"50.00","lot_step":"0.01"},"lots_before_rounding":"0.2","rounding":{"policy":"down","step":"0.01","lots":"0.20"},"caps":[],"skip":null},"at":700000}',X'c7d3de32fb978945cc24015d5abe6725e753a32e7dfcba0f3c013c8f67bfe4c2');
INSERT INTO records VALUES(16,1763728000700,'{"record":"copy","copy":4294967299,"login":2001,"state":"sent","opened":"0.00","at":700000}',X'5a46242fcabbc873889625c8f5faa11d12921915fbc0465a33d9f8eee4aadccd');
INSERT INTO records VALUES(17,1763728000700,'{"record":"copy","copy":4294967299,"login":2002,"state":"sent","opened":"0.00","at":700000}',X'dad4ddf910ec626449b84c0f1944d224b976602e6b04c441e1954e883acaa1c0');
INSERT INTO records VALUES(18,1763728000710,'{"record":"copy","copy":4294967299,"login":2001,"state":"open","opened":"0.20","retcode":10009,"at":710000}',X'013633ac79febf35292fbb07b91ad4569d708b40e973f4ec5a25ebb5f135ca94');
INSERT INTO records VALUES(19,1763728000730,'{"record":"copy","copy":4294967299,"login":2002,"state":"in_doubt","opened":"0.00","retcode":10012,"at":730000}',X'a95ca0eb62e05efcfa535adf458d599b86591b298817d44d4b42fb5bcaf3960f');
INSERT INTO records VALUES(20,1763728000800,'{"record":"copy","copy":4294967299,"login":2001,"state":"closing","opened":"0.20","retcode":10009,"at":800000}',X'18ba37f99969f34fc0f5755759ff7afe47ca85d5a7df76bff8557e8987bb1cb8');
INSERT INTO records VALUES(21,1763728000820,'{"record":"copy","copy":4294967299,"login":2001,"state":"closed","opened":"0.20","retcode":10009,"at":820000}',X'8adab5bca34e3cc19c86765fcb2de553b070e5082cd7eb63a5c26167a48abe82');
CREATE INDEX records_of_copy ON records (copy) WHERE copy IS NOT NULL;
COMMIT;
