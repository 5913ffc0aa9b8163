def test_a(account):
    import time
    b=account.bucket(**{"in/x.csv":"a,b\n1,2\n"})
    for i in range(4):
        t=time.time()
        job=account.job(f'''
import time; t=time.time()
import sys
from pyspark.context import SparkContext
from pyspark.sql import SparkSession
print("import", time.time()-t)
print(sys.argv)
spark = SparkSession(SparkContext())
print("attach", time.time()-t)
df = spark.read.csv("s3://{b}/in/", header=True)
df.show()
df.write.mode("overwrite").json("s3://{b}/out/")
print("done", time.time()-t)
print(spark.sparkContext.textFile("s3://{b}/in/x.csv").collect())
''')
        run=account.wait(job,account.start(job))
        print(time.time()-t, run); print(account.log(run)); print(account.log(run,"error"))
    print(account.objects(b))
